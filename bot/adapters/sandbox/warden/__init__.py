"""The helper process between the bot and what it runs: starts programs, reaps them, and outlives nobody.

It is started as a package of its own, named `warden`, by `sys.executable -I -S`: standard library and relative imports
only. One warden serves one bot and forks one keeper for each box; a keeper is the parent of all that runs in its box.
"""
