"""From the published warehouse to numbers: pure, no user interface, no clock."""
