"""The programme of the area: targets, projects, benchmarks, events."""
