"""What everything of one stage is called. Chalice makes the same names (chalice/deploy/appgraph.py)."""

from collections.abc import Iterable
from typing import NamedTuple

APP = "smart-invoice"
STAGES = ("dev", "staging", "prod")
API_HANDLER = "api_handler"  # the resource name that Chalice gives the function behind the API


class Names(NamedTuple):
    """The names of one stage.

    >>> Names("dev").function("inference"), Names("dev").function("api_handler"), Names("dev").data_stack
    ('smart-invoice-dev-inference', 'smart-invoice-dev', 'smart-invoice-dev-data')
    """

    stage: str

    @property
    def prefix(self) -> str:
        """What every name of the stage begins with; also the name of the API's function and of the usage plan."""
        return f"{APP}-{self.stage}"

    @property
    def data_stack(self) -> str:
        """The CloudFormation stack of what keeps data."""
        return f"{self.prefix}-data"

    @property
    def monitoring_stack(self) -> str:
        """The CloudFormation stack of alarms, dashboard and budget."""
        return f"{self.prefix}-monitoring"

    @property
    def api_stage(self) -> str:
        """The `api_gateway_stage` of .chalice/config.json: the first part of every path.

        All APIs have the app's name: only by this do CloudWatch's figures tell those of one stage from another's.
        """
        return self.stage

    def function(self, handler: str) -> str:
        """The Lambda function of one handler of `app.py`; the API's is called without its handler's name."""
        return self.prefix if handler == API_HANDLER else f"{self.prefix}-{handler}"

    def handler(self, function: str) -> str:
        """The handler of a function of this stage: the other way round."""
        return API_HANDLER if function == self.prefix else function.removeprefix(f"{self.prefix}-")

    def deployments_bucket(self, account: str) -> str:
        """The bucket of deployment records and packages, as `infra/data.yaml` names it."""
        return f"{self.prefix}-deployments-{account}"


def of_stage(names: Iterable[str], stage: str, stages: Iterable[str]) -> tuple[str, ...]:
    """Which of `names` are of `stage`, where the name of one stage may begin with that of another.

    >>> of_stage(["smart-invoice-dev", "smart-invoice-dev-sweep", "smart-invoice-dev-2-sweep"], "dev", ["dev", "dev-2"])
    ('smart-invoice-dev', 'smart-invoice-dev-sweep')
    """
    longer = [Names(other).prefix for other in stages if other.startswith(f"{stage}-")]
    mine = [name for name in names if _under(name, Names(stage).prefix)]
    return tuple(name for name in mine if not any(_under(name, prefix) for prefix in longer))


def _under(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}-")
