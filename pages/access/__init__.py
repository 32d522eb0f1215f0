"""Who may see and do what: roles, the decision for every request, and the record of it."""
