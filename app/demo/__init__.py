"""The demonstration: the whole service on one machine, with one export made the way any client would."""
