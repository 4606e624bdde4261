// Any bytes as the heads of requests: whole or grown byte by byte they are the same request, or the same refusal.
#include <cstdint>
#include <string_view>

#include "server/net/request_reader.h"
#include "tests/fuzz/pieces.h"

namespace tagswell {
namespace {

constexpr std::size_t kHeaderBytesMax = 512;

bool Same(const RequestHead& a, const RequestHead& b) {
  return a.method == b.method && a.target == b.target && a.headers == b.headers && a.host == b.host &&
         a.authorization == b.authorization && a.content_encoding == b.content_encoding &&
         a.websocket_key == b.websocket_key && a.websocket_version == b.websocket_version &&
         a.content_length == b.content_length && a.chunked == b.chunked && a.http_1_0 == b.http_1_0 &&
         a.keep_alive == b.keep_alive && a.expect_continue == b.expect_continue &&
         a.upgrade_websocket == b.upgrade_websocket;
}

void CheckHead(const RequestHead& head) {
  Require(!head.method.empty() && !head.target.empty());
  Require(!head.chunked || !head.content_length);
  const std::string_view never("\r\n\0", 3);
  for (const auto& [name, value] : head.headers) {
    Require(name.find_first_of(never) == std::string::npos && value.find_first_of(never) == std::string::npos);
  }
}

}  // namespace
}  // namespace tagswell

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tagswell;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RequestReader whole(kHeaderBytesMax);
  RequestReader grown(kHeaderBytesMax);
  while (!bytes.empty()) {
    whole.Reset();
    grown.Reset();
    const auto at_once = whole.ReadHead(bytes);
    std::expected<std::size_t, HttpFault> bit_by_bit = 0;
    for (std::size_t end = 1; end <= bytes.size() && bit_by_bit && *bit_by_bit == 0; ++end) {
      bit_by_bit = grown.ReadHead(bytes.substr(0, end));
    }
    Require(at_once.has_value() == bit_by_bit.has_value());
    if (!at_once) {
      Require(at_once.error().status == bit_by_bit.error().status);
      Require(at_once.error().error.code == bit_by_bit.error().error.code);
      return 0;
    }
    Require(*at_once == *bit_by_bit && *at_once <= bytes.size());
    if (*at_once == 0) return 0;
    Require(Same(whole.head(), grown.head()));
    CheckHead(whole.head());
    bytes.remove_prefix(*at_once);
  }
  return 0;
}
