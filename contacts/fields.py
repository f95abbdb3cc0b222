"""Model fields computed in Python from another field at every save and bulk write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models


class DerivedTextField(models.TextField):
    """Text kept equal to `compute(instance)`: `save`, `bulk_create` and `bulk_update` all call `pre_save`."""

    def __init__(self, *args: Any, compute: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        self.compute = compute
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", "")
        kwargs.setdefault("db_default", "")
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        if self.compute is None:  # a historical model in a migration
            return str(getattr(model_instance, self.attname))
        value = self.compute(model_instance)
        setattr(model_instance, self.attname, value)
        return value
