"""Where the API of a stage answers."""

from ops.command import OpsError
from ops.deploy.applying import found_record
from ops.deploy.site import Site


def url_of(site: Site) -> str:
    """The address of the stage's API, by what is deployed whatever any record says; `OpsError` when there is none."""
    resources = found_record(site, site.project).record.get("resources", [])
    ids = [each["rest_api_id"] for each in resources if each.get("resource_type") == "rest_api"]
    if not ids:
        raise OpsError(
            f"No API of {site.stage} was found in the account {site.account.id}, region {site.account.region}. Please "
            f"deploy it (python -m ops deploy --stage {site.stage}), or say where it is with --url."
        )
    return site.url(ids[0])
