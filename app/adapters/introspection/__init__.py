"""Reading schemas: from the catalogues of a live database, or from DDL by way of a scratch database."""
