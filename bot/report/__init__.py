"""From verdicts to what a reviewer reads: merge request text, Markdown, HTML and a picture."""
