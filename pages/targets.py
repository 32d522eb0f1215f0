"""The former address of the targets: it only goes on."""

from pages.ui import former_addresses

former_addresses.go_on("targets")
