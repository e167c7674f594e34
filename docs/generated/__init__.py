"""The pages that are made from the code, as Markdown. hooks.py hands them to mkdocs."""
