"""The AWS wire: bytes in, typed requests out; typed responses in, bytes out.

api/                one generated module per service: every shape with its published limits, OPERATIONS, ERRORS
                    (`make api` writes them from AWS's published models; never edited by hand)
model.py            what those modules are made of: Shape, Service, Operation, Error, and the character classes
json_protocol.py    AWS JSON 1.1, spoken by cognito-idp and cognito-identity
query_protocol.py   AWS Query with XML answers, spoken by sts and iam; parameters.py reads, xml_text.py writes
shapes.py           what a generated type says of its values, for everything that msgspec does not do by itself
violations.py       every published limit that a request breaks, in AWS's form of words
operation.py        the operation table, and the call: `call.write()` is the transaction of a change, with its audit row
frame.py            what is done round every call: who signed it, may they, and what the audit learns
gateway.py          the entrance: a request to its operation and back; errors.py words what the entrance itself refuses
arn.py, paging.py   the ARNs of what is served; page tokens, opaque and sealed

The two protocols know no service, and no module here knows a statement of SQL, Flask or a clock.
"""
