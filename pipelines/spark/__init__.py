"""The same version worked out by Apache Spark: for an archive that one machine is too small for, such as a country's."""
