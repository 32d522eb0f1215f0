"""From a question and a published version to an answer."""
