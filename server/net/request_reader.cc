#include "server/net/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <charconv>
#include <cstring>

namespace tagswell {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using BeastView = beast::string_view;

std::unexpected<HttpFault> Fault(int status, const char* code, const char* detail) {
  return std::unexpected(HttpFault{status, {code, detail}});
}

std::string_view View(BeastView view) {
  return {view.data(), view.size()};
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.size() <= 19 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The first byte below 0x20 at or behind `at`, eight bytes at a time; the size if there is none.
std::size_t NextControl(std::string_view bytes, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  for (; bytes.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    // A byte's top bit stays where the byte was below 0x20, and perhaps in bytes above such a one.
    if (((word - kOnes * 0x20) & ~word & kOnes * 0x80) != 0) break;
  }
  while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) >= 0x20) ++at;
  return at;
}

bool HasToken(BeastView list, BeastView token) {
  return http::token_list{list}.exists(token);
}

bool IsHost(std::string_view host) {
  return host.find_first_of(" \t,/@?#\\") == std::string_view::npos && host.size() <= 255;
}

}  // namespace

// Beast's parser without its message object: fields go where they are needed, all others are dropped on the spot.
class RequestReader::Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(RequestHead& head) : head_(head) {}

  RequestHead& head_;
  int version_ = 0;
  int hosts_ = 0;
  int lengths_ = 0;
  int transfer_encodings_ = 0;
  std::string length_;
  std::string transfer_encoding_;
  std::string expect_;
  bool connection_upgrade_ = false;
  bool upgrade_websocket_ = false;
  bool repeated_ = false;  // a field that may stand only once stood twice

 private:
  using Ec = beast::error_code;

  void on_request_impl(http::verb, BeastView method, BeastView target, int version, Ec& ec) override {
    head_.method = View(method);
    head_.target = View(target);
    version_ = version;
    ec = {};
  }

  void on_field_impl(http::field field, BeastView name, BeastView value, Ec& ec) override {
    ec = {};
    switch (field) {
      case http::field::host:
        ++hosts_;
        head_.host = View(value);
        return;
      case http::field::content_length:
        ++lengths_;
        length_ = View(value);
        return;
      case http::field::transfer_encoding:
        ++transfer_encodings_;
        transfer_encoding_ = View(value);
        return;
      case http::field::connection:
        connection_upgrade_ |= HasToken(value, "upgrade");
        return;
      case http::field::upgrade:
        upgrade_websocket_ |= HasToken(value, "websocket");
        return;
      case http::field::authorization:
        KeepOnce(head_.authorization, value);
        return;
      case http::field::content_encoding:
        KeepOnce(head_.content_encoding, value);
        return;
      case http::field::expect:
        KeepOnce(expect_, value);
        return;
      case http::field::sec_websocket_key:
        KeepOnce(head_.websocket_key, value);
        return;
      case http::field::sec_websocket_version:
        KeepOnce(head_.websocket_version, value);
        return;
      default:
        KeepForHandlers(View(name), View(value));
        return;
    }
  }

  void KeepOnce(std::string& into, BeastView value) {
    repeated_ |= !into.empty();
    into = View(value);
  }

  void KeepForHandlers(std::string_view name, std::string_view value) {
    for (const std::string_view kept : kKeptHeaders) {
      if (kept.size() != name.size()) continue;
      if (!beast::iequals(BeastView(kept.data(), kept.size()), BeastView(name.data(), name.size()))) continue;
      for (NameValue& pair : head_.headers) {
        if (pair.first != kept) continue;
        // A list in several lines is one list; a single-valued field in two lines is nothing anybody means.
        if (!kept.starts_with("accept") && kept != "x-forwarded-for") repeated_ = true;
        pair.second.append(", ").append(value);
        return;
      }
      head_.headers.emplace_back(kept, value);
      return;
    }
  }

  void on_header_impl(Ec& ec) override { ec = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView bytes, Ec& ec) override {
    ec = {};
    return bytes.size();
  }
  void on_response_impl(int, BeastView, int, Ec& ec) override { ec = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Ec& ec) override { ec = {}; }
  std::size_t on_body_impl(BeastView bytes, Ec& ec) override {
    ec = {};
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastView, Ec& ec) override { ec = {}; }
  void on_finish_impl(Ec& ec) override { ec = {}; }
};

RequestReader::RequestReader(std::size_t header_bytes_max) : header_bytes_max_(header_bytes_max) {}

void RequestReader::Reset() {
  scanned_ = 0;
  line_start_ = 0;
  head_ = RequestHead();
}

std::expected<std::size_t, HttpFault> RequestReader::FindEnd(std::string_view bytes) {
  while (scanned_ < bytes.size()) {
    // Asked of the line's first byte when it is read: it may come long after the end of the line before.
    if (scanned_ == line_start_ && scanned_ != 0 && (bytes[scanned_] == ' ' || bytes[scanned_] == '\t')) {
      return Fault(400, "bad_request", "A header line is folded.");
    }
    scanned_ = NextControl(bytes, scanned_);
    if (scanned_ == bytes.size()) break;
    const char c = bytes[scanned_];
    if (c == '\0') return Fault(400, "bad_request", "The head holds a NUL byte.");
    if (c == '\r') {
      if (scanned_ + 1 == bytes.size()) break;  // what follows decides
      if (bytes[scanned_ + 1] != '\n') return Fault(400, "bad_request", "The head holds a bare CR.");
    }
    ++scanned_;
    if (c != '\n') continue;
    if (scanned_ == 1 || bytes[scanned_ - 2] != '\r') {
      return Fault(400, "bad_request", "A line of the head ends without CR.");
    }
    if (scanned_ - line_start_ == 2) return scanned_;
    line_start_ = scanned_;
  }
  return 0;
}

std::expected<std::size_t, HttpFault> RequestReader::ReadHead(std::string_view bytes) {
  const auto size = FindEnd(bytes.substr(0, header_bytes_max_));
  if (!size) return size;
  if (*size == 0) {
    if (bytes.size() < header_bytes_max_) return 0;
    return Fault(431, "header_too_large", "The head of the request is too large.");
  }
  Parser parser(head_);
  parser.skip(true);  // bodies are not its business
  parser.header_limit(static_cast<std::uint32_t>(*size + 1));
  parser.body_limit(boost::none);
  beast::error_code ec;
  const std::size_t used = parser.put(boost::asio::const_buffer(bytes.data(), *size), ec);
  if (ec == http::error::bad_version)
    return Fault(505, "unsupported_version", "Only HTTP/1.0 and HTTP/1.1 are spoken.");
  if (ec || used != *size) return Fault(400, "bad_request", "The head of the request is malformed.");
  if (auto checked = CheckFields(parser); !checked) return std::unexpected(checked.error());
  return *size;
}

std::expected<void, HttpFault> RequestReader::CheckFields(const Parser& parser) {
  if (parser.version_ != 10 && parser.version_ != 11) {
    return Fault(505, "unsupported_version", "Only HTTP/1.0 and HTTP/1.1 are spoken.");
  }
  head_.http_1_0 = parser.version_ == 10;
  if (parser.hosts_ > 1 || (parser.hosts_ == 0 && !head_.http_1_0) || !IsHost(head_.host)) {
    return Fault(400, "bad_request", "There must be exactly one valid Host header.");
  }
  if (parser.repeated_) return Fault(400, "bad_request", "A header that may stand once stands twice.");
  if (parser.transfer_encodings_ > 0) {
    if (parser.lengths_ > 0 || parser.transfer_encodings_ > 1 || head_.http_1_0) {
      return Fault(400, "bad_request", "Transfer-Encoding must stand once, alone and in HTTP/1.1.");
    }
    if (!beast::iequals(parser.transfer_encoding_, "chunked")) {
      return Fault(501, "unsupported_transfer_encoding", "Transfer-Encoding must be exactly chunked.");
    }
    head_.chunked = true;
  }
  if (parser.lengths_ > 0) {
    if (parser.lengths_ > 1 || !IsDigits(parser.length_)) {
      return Fault(400, "bad_request", "Content-Length must stand once and be a number.");
    }
    std::uint64_t length = 0;
    std::from_chars(parser.length_.data(), parser.length_.data() + parser.length_.size(), length);
    head_.content_length = length;
  }
  if (!parser.expect_.empty()) {
    if (!beast::iequals(parser.expect_, "100-continue")) {
      return Fault(417, "unsupported_expectation", "Expect may only be 100-continue.");
    }
    head_.expect_continue = !head_.http_1_0;
  }
  head_.keep_alive = parser.keep_alive();
  head_.upgrade_websocket = parser.connection_upgrade_ && parser.upgrade_websocket_;
  return {};
}

}  // namespace tagswell
