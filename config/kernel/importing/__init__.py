"""Import of sheets: kinds of sheets and their columns, the reading of files, and the work of taking rows in.

Nothing is imported here: the child process that opens a file loads this package, and knows no Django.
"""
