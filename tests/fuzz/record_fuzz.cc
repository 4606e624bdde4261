// Any bytes as a record: no crash, no read beyond the end, and what decodes comes back the same.
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "proto/post_codec.h"

namespace {

void Encode(const tagswell::Record& record, std::string& out) {
  if (record.kind == tagswell::RecordKind::kControl) {
    if (record.alias) {
      EncodeControl(*record.alias, out);
    } else if (record.review) {
      EncodeControl(*record.review, out);
    } else {
      EncodeControl(record.change, out);
    }
  } else {
    EncodeRecord(record.kind, record.post, out);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tagswell;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Record record;
  const auto read = DecodeRecord(bytes, record);
  if (!read) return 0;
  if (*read > size) std::abort();
  std::string first;
  Encode(record, first);
  Record again;
  if (DecodeRecord(first, again).value() != first.size()) std::abort();
  std::string second;
  Encode(again, second);
  if (first != second) std::abort();
  return 0;
}
