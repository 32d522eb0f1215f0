"""The pages of the application: one file a page, its name the page's address; `pages.ui` is what they share."""
