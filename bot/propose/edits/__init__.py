"""The SEARCH/REPLACE engine: a reply in, new file contents or a refusal with feedback out."""
