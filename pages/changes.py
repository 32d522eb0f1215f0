"""The former address of the changes: it only goes on."""

from pages.ui import former_addresses

former_addresses.go_on("changes")
