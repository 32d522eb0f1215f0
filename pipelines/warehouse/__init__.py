"""The published warehouse: what is in it, how it is read, how a new version of it is published."""

from pipelines.warehouse.reader import Snapshot, Warehouse

__all__ = ["Snapshot", "Warehouse"]
