"""Object stores: a folder, and anything that speaks S3. One contract suite holds for all of them."""
