"""URLs of the contacts app."""

from django.urls import path, re_path

from saifa_crm.access import AGENT, MARKETER, OWNER, allow

from . import pictures, views_bulk, views_columns, views_export, views_exports, views_list
from . import views_panel as panel
from . import views_segments as segments

app_name = "contacts"
staff = allow(AGENT, MARKETER, OWNER)
marketing = allow(MARKETER, OWNER)
urlpatterns = [
    path("", staff(views_list.contact_list), name="list"),
    path("columns/", staff(views_columns.list_columns_menu), name="columns"),
    path("report.csv", marketing(views_export.contact_report), name="report"),
    path("export/", marketing(views_export.export_dialog), name="export"),
    path("export/start/", marketing(views_export.export_start), name="export-start"),
    path("exports/", marketing(views_exports.export_list), name="exports"),
    path("exports/settings/", allow(OWNER)(views_exports.export_settings), name="export-settings"),
    path("exports/<int:export_id>/", marketing(views_exports.export_job), name="export-job"),
    path("exports/<int:export_id>/file/", marketing(views_exports.export_file), name="export-file"),
    path("exports/<int:export_id>/manifest/", marketing(views_exports.export_manifest), name="export-manifest"),
    path("exports/<int:export_id>/cancel/", marketing(views_exports.export_stop), name="export-cancel"),
    path("exports/<int:export_id>/decide/", allow(OWNER)(views_exports.export_answer), name="export-decide"),
    path("bulk/", staff(views_bulk.bulk_home), name="bulk"),
    path("bulk/<int:pk>/", staff(views_bulk.bulk_job), name="bulk-job"),
    path("bulk/<int:pk>/start/", staff(views_bulk.bulk_start), name="bulk-start"),
    path("bulk/<int:pk>/cancel/", staff(views_bulk.bulk_stop), name="bulk-cancel"),
    path("bulk/<int:pk>/undo/", staff(views_bulk.bulk_back), name="bulk-undo"),
    path("segments/", staff(segments.segment_list), name="segments"),
    path("segments/counts/", staff(segments.segment_counts), name="segment-counts"),
    path("segments/new/", marketing(segments.segment_new), name="segment-new"),
    path("segments/<int:pk>/edit/", marketing(segments.segment_edit), name="segment-edit"),
    path("segments/<int:pk>/filters/", marketing(segments.segment_filters), name="segment-filters"),
    path("segments/<int:pk>/move/", marketing(segments.segment_move), name="segment-move"),
    path("segments/<int:pk>/delete/", marketing(segments.segment_delete), name="segment-delete"),
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
