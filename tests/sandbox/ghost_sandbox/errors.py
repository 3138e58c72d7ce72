"""What a service refuses with."""


class ApiError(Exception):
    """An error the client is told: AWS's code, a message, an HTTP status."""

    def __init__(self, code, message, status=400):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def missing_parameter(name):
    return ApiError("MissingParameter", f"The request must contain the parameter {name}")


def invalid_value(value, name, reason=""):
    return ApiError("InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid. {reason}".strip())
