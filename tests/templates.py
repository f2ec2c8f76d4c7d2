"""The templates in `infra/`, as CloudFormation sees them with given parameters: conditions decided, names put in."""

import re
from collections.abc import Mapping
from typing import Any

from cfnlint.decode import cfn_yaml

from local.http_server import PROJECT

ACCOUNT = "123456789012"
_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": "eu-central-1", "AWS::Partition": "aws"}
_VARIABLE = re.compile(r"\$\{([^}!]+)\}")
_NOTHING = object()


class Template:
    """One template with its parameters; what is not given has its default."""

    def __init__(self, name: str, **parameters: str) -> None:
        self.text = (PROJECT / "infra" / f"{name}.yaml").read_text(encoding="utf-8")
        self.source: Mapping[str, Any] = cfn_yaml.loads(self.text)
        defaults = {key: one.get("Default", _NOTHING) for key, one in self.source["Parameters"].items()}
        self._names = {**defaults, **_PSEUDO, **parameters}
        self._is = {name: self._decided(one) for name, one in self.source.get("Conditions", {}).items()}
        self.resources: dict[str, dict[str, Any]] = {
            name: {**one, "Properties": self._resolved(one.get("Properties", {}))}
            for name, one in self.source["Resources"].items()
            if self._is.get(one.get("Condition"), True)
        }
        self.outputs = {
            name: self._resolved(one["Value"])
            for name, one in self.source["Outputs"].items()
            if self._is.get(one.get("Condition"), True)
        }

    def __getitem__(self, name: str) -> dict[str, Any]:
        """The properties of a resource."""
        properties: dict[str, Any] = self.resources[name]["Properties"]
        return properties

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a type (`AWS::S3::Bucket`), by logical name."""
        return {name: one["Properties"] for name, one in self.resources.items() if one["Type"] == kind}

    def _resolved(self, node: Any) -> Any:
        if isinstance(node, list):
            return [one for one in map(self._resolved, node) if one is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1 and (key := next(iter(node))) in {"Ref", "Fn::Sub", "Fn::GetAtt", "Fn::If"}:
            return self._function(key, node[key])
        pairs = ((str(key), self._resolved(one)) for key, one in node.items())
        return {key: one for key, one in pairs if one is not _NOTHING}

    def _function(self, key: str, given: Any) -> Any:
        if key == "Fn::If":
            return self._resolved(given[1] if self._is[given[0]] else given[2])
        if key == "Fn::GetAtt":
            return ".".join(given) if isinstance(given, list) else given
        if key == "Fn::Sub":
            text, own = given if isinstance(given, list) else (given, {})
            names = {name: self._resolved(one) for name, one in own.items()}
            return _VARIABLE.sub(lambda found: str(names.get(found[1], self._named(found[1]))), text)
        return self._named(given)

    def _named(self, name: str) -> Any:
        """A parameter's value, or the logical name of a resource."""
        if name == "AWS::NoValue":
            return _NOTHING
        value = self._names.get(name, name)
        assert value is not _NOTHING, f"{name} has to be given"
        return value

    def _decided(self, node: Mapping[str, Any]) -> bool:
        ((key, given),) = node.items()
        if key == "Fn::Equals":
            first, second = (str(self._resolved(one)) for one in given)
            return first == second
        if key == "Fn::Not":
            return not self._decided(given[0])
        if key == "Condition":
            return self._decided(self.source["Conditions"][given])
        assert key == "Fn::And"
        return all(map(self._decided, given))
