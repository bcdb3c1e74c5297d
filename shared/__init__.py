"""What both services stand on: the AWS wire, the guard, the policy language, storage, keys. Imports nothing of `services`."""
