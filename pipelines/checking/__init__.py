"""From a table of texts to checked rows of the datasets, persons pseudonymised."""
