#include "server/api/ingest_report.h"

#include <utility>

#include "proto/json_writer.h"

namespace tagswell {
namespace {

void WriteFields(const IngestReport& report, JsonWriter& json) {
  json.Field("accepted", report.accepted);
  json.Field("duplicates", report.duplicates);
  json.Field("retracted", report.retracted);
  json.Field("ignored", report.ignored);
  json.Field("rejected", report.rejected);
  json.Key("errors");
  json.BeginArray();
  for (const LineError& error : report.errors) {
    json.BeginObject();
    json.Field("line", error.line);
    json.Field("code", error.error.code);
    if (!error.error.field.empty()) json.Field("field", error.error.field);
    json.Field("detail", error.error.detail);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

IngestReport IngestReport::Of(ParsedBody& parsed) {
  return {.ignored = parsed.ignored, .rejected = parsed.rejected, .errors = std::move(parsed.errors)};
}

void IngestReport::Add(const Committed& done) {
  accepted += done.accepted;
  duplicates += done.duplicates.size();
  retracted += done.retracted;
  ignored += done.unknown;
}

std::string IngestReport::ToJson() const {
  JsonWriter json;
  json.BeginObject();
  WriteFields(*this, json);
  json.EndObject();
  return json.Take();
}

std::string IngestReport::ToAck(std::uint64_t message) const {
  JsonWriter json;
  json.BeginObject();
  json.Field("ack", message);
  WriteFields(*this, json);
  json.EndObject();
  return json.Take();
}

}  // namespace tagswell
