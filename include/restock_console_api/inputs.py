"""What the warehouse can hold: anything else is refused with 422 before it is asked."""

from typing import Annotated

from pydantic import Field, StringConstraints

# PostgreSQL's text has every character but this one.
NO_NUL = StringConstraints(pattern=r"^[^\x00]*$")

# A number of PostgreSQL's bigint.
Key = Annotated[int, Field(ge=-(2**63), lt=2**63)]
