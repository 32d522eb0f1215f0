"""How the pages are served: what the server refuses and sends by itself, and how it takes over a listening socket."""
