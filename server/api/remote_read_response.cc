#include "server/api/remote_read_response.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <snappy.h>

#include "proto/prometheus_remote.pb.h"

namespace tagswell {
namespace {

using google::protobuf::internal::WireFormatLite;

// Appends a message that is encoded already as a field of the message that `out` becomes. Built this way no more than
// one series at a time is held as protobuf's objects, which are three times as large as their bytes.
void AppendField(int number, const std::string& message, std::string& out) {
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.WriteTag(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  coded.WriteVarint64(message.size());
  coded.WriteString(message);
}

void AddLabel(std::string_view name, std::string_view value, prometheus::TimeSeries& series) {
  prometheus::Label& label = *series.add_labels();
  label.set_name(std::string(name));
  label.set_value(std::string(value));
}

void Fill(const TopicSeries& from, prometheus::TimeSeries& series) {
  AddLabel("__name__", from.what == CurveOf::kPosts ? kPostsMetric : kAuthorsMetric, series);
  AddLabel("scope", from.scope, series);
  AddLabel("topic", from.topic, series);
  Minute at = from.first;
  for (const double value : from.values) {
    prometheus::Sample& sample = *series.add_samples();
    sample.set_value(value);
    sample.set_timestamp(StartOf(at).time_since_epoch().count());
    at = at + 1;
  }
}

}  // namespace

std::string EncodeReadResponse(std::span<const std::vector<TopicSeries>> results) {
  prometheus::TimeSeries series;
  std::string encoded;
  std::string response;
  for (const std::vector<TopicSeries>& of : results) {
    std::string result;
    for (const TopicSeries& topic : of) {
      series.Clear();
      Fill(topic, series);
      series.SerializeToString(&encoded);
      AppendField(prometheus::QueryResult::kTimeseriesFieldNumber, encoded, result);
    }
    AppendField(prometheus::ReadResponse::kResultsFieldNumber, result, response);
  }
  std::string block;
  snappy::Compress(response.data(), response.size(), &block);
  return block;
}

}  // namespace tagswell
