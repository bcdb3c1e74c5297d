"""The IAM policy language, pure: no clock, store, socket or request object is known here.

A text on its way in: json_tree.py (JSON with positions, no name twice) -> document.py (the text as statements, or a
MalformedPolicy that says what and where) with document_rules.py (what AWS refuses, in its words) and principal_names.py
(how principals may be written; storing them by unique id).
Made ready for questions: operators.py (the table of condition operators), values.py (numbers, dates, addresses in
texts), patterns.py (wildcards, variables, ARN fields; linear, no regular expressions), conditions.py (three-valued
tests), principals.py (PrincipalFacts: who asks; whom a statement means, and how closely), compiled.py (Policy: indexed
by service, action and resource; cached by content).
The question and its answer: request.py (Request, Layers), decision.py (the one record everyone prints),
evaluate.py (AWS's order of evaluation), explain.py (AccessDenied in AWS's long form), simulate.py (the simulator).
"""
