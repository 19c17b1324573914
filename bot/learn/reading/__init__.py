"""From a note as GitLab stores it to what a reviewer asks for, by rules of English: no model, no network, no chance."""
