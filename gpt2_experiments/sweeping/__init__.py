"""Several runs, by one process or by many that share them."""
