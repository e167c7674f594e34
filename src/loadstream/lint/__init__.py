"""`loadstream lint`: the sites of the analysis as findings, in the formats that others read.

catalogue.py knows every code and reason, selection.py which of them are wanted, run.py turns
files into findings, messages.py words them, baseline.py takes out those that are known already,
and each output format is one file of `formats/`, which is given a report.py.
"""
