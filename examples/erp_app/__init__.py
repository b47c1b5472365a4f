"""An Akeneo App with a page: connect, choose what to import, watch it, decide what is left to do."""
