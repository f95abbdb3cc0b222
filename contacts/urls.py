"""URLs of the contacts app."""

from django.urls import path, re_path

from saifa_crm.access import AGENT, MARKETER, OWNER, allow

from . import pictures, views_columns, views_export, views_exports, views_list
from . import views_panel as panel

app_name = "contacts"
staff = allow(AGENT, MARKETER, OWNER)
reports = allow(MARKETER, OWNER)
urlpatterns = [
    path("", staff(views_list.contact_list), name="list"),
    path("columns/", staff(views_columns.list_columns_choose), name="columns"),
    path("report.csv", reports(views_export.contact_report), name="report"),
    path("export/", reports(views_export.export_dialog), name="export"),
    path("export/start/", reports(views_export.export_start), name="export-start"),
    path("exports/", reports(views_exports.export_list), name="exports"),
    path("exports/settings/", allow(OWNER)(views_exports.export_settings), name="export-settings"),
    path("exports/<int:export_id>/", reports(views_exports.export_job), name="export-job"),
    path("exports/<int:export_id>/file/", reports(views_exports.export_file), name="export-file"),
    path("exports/<int:export_id>/manifest/", reports(views_exports.export_manifest), name="export-manifest"),
    path("exports/<int:export_id>/cancel/", reports(views_exports.export_stop), name="export-cancel"),
    path("exports/<int:export_id>/decide/", allow(OWNER)(views_exports.export_answer), name="export-decide"),
    path("<int:pk>/", staff(panel.contact_detail), name="detail"),
    path("<int:pk>/panel/", staff(panel.contact_panel), name="panel"),
    path("<int:pk>/edit/", staff(panel.contact_edit_view), name="edit"),
    path("<int:pk>/vip/", staff(panel.contact_vip), name="vip"),
    path("<int:pk>/labels/", staff(panel.contact_labels), name="labels"),
    path("<int:pk>/labels/new/", allow(MARKETER, OWNER)(panel.contact_label_create), name="label-create"),
    re_path(
        r"^pictures/(?P<name>[0-9]+-[0-9a-f]{12}\.webp)$",
        staff(pictures.picture),
        name="picture",
    ),
]
