"""Planning queues: from visits to waits and back, on a model by weeks waited; no data is read here."""
