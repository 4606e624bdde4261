#include "server/client/http_stream.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/client/curl_request.h"
#include "server/clock.h"

namespace tagswell {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{200};  // for an interruption, while nothing comes
constexpr double kHeadSecondsMax = 30;
constexpr std::size_t kRefusalBytesMax = 1u << 20;

}  // namespace

struct HttpStream::Transfer {
  CurlRequest request;
  CURLM* const multi = curl_multi_init();
  bool added = false;
  bool head_read = false;
  bool came_with_head = false;  // `bytes` were not given yet
  bool follows_redirects = false;
  std::optional<CURLcode> result;  // of a transfer that is over
  std::string bytes;

  ~Transfer() {
    Remove();
    curl_multi_cleanup(multi);
  }

  void Remove() {
    if (std::exchange(added, false)) curl_multi_remove_handle(multi, request.handle());
  }

  static std::size_t Write(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.request.status() != 200 && transfer.bytes.size() + count > kRefusalBytesMax) return 0;
    transfer.bytes.append(bytes, count);
    return count;
  }

  // Called for each line. An empty one ends a head; the last head is the one of no redirect.
  static std::size_t TakeHeader(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const long status = transfer.request.status();
    const bool is_last = status >= 200 && !(transfer.follows_redirects && status >= 300 && status < 400);
    if (is_last && std::string_view(bytes, count) == "\r\n") transfer.head_read = true;
    return count;
  }
};

HttpStream::HttpStream(std::string url, const std::string& token, const Interruption& interruption,
                       HttpClientOptions options)
    : url_(WithoutTrailingSlash(std::move(url))),
      authorization_(AuthorizationHeader(token)),
      interruption_(interruption),
      options_(std::move(options)),
      transfer_(std::make_unique<Transfer>()) {}
HttpStream::~HttpStream() = default;

std::expected<HttpAnswer, Error> HttpStream::Open(const std::string& target, std::vector<std::string> headers) {
  Close();
  Transfer& transfer = *transfer_;
  if (!authorization_.empty()) headers.push_back(authorization_);
  transfer.request.Prepare(AddressAt(url_, target), headers, options_);
  CURL* const curl = transfer.request.handle();
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::Write);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Transfer::TakeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  transfer.head_read = false;
  transfer.follows_redirects = options_.follow_redirects;
  transfer.result.reset();
  transfer.bytes.clear();
  transfer.added = curl_multi_add_handle(transfer.multi, curl) == CURLM_OK;
  const Stopwatch waited;
  // A refusal is waited for to its end: its body says why.
  while (!transfer.result && !(transfer.head_read && transfer.request.status() == 200)) {
    if (auto stepped = Step(kLook); !stepped) return std::unexpected(stepped.error());
    if (waited.Seconds() > kHeadSecondsMax) {
      Close();
      return std::unexpected(Error{"unreachable", url_ + ": no answer in time"});
    }
  }
  if (!transfer.head_read && *transfer.result != CURLE_OK) {
    const Error error = transfer.request.Failure(*transfer.result);
    Close();
    return std::unexpected(error);
  }
  transfer.came_with_head = true;
  if (transfer.request.status() == 200) return transfer.request.Answer({});
  HttpAnswer refusal = transfer.request.Answer(std::move(transfer.bytes));
  Close();
  return refusal;
}

// Lets what has come in, or waits for something that may.
std::expected<void, Error> HttpStream::Step(milliseconds patience) {
  Transfer& transfer = *transfer_;
  const auto perform = [&] {
    int running = 0;
    curl_multi_perform(transfer.multi, &running);
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(transfer.multi, &left)) {
      if (message->msg == CURLMSG_DONE) transfer.result = message->data.result;
    }
  };
  const std::size_t before = transfer.bytes.size();
  perform();
  if (interruption_.happened()) return std::unexpected(Error{"interrupted", "interrupted"});
  if (transfer.result || transfer.bytes.size() > before || patience <= milliseconds(0)) return {};
  curl_multi_poll(transfer.multi, nullptr, 0, static_cast<int>(std::min(patience, kLook).count()), nullptr);
  perform();
  return {};
}

std::expected<std::string_view, Error> HttpStream::Read(milliseconds patience) {
  Transfer& transfer = *transfer_;
  if (!transfer.added) return std::unexpected(Error{"unreachable", url_ + ": not connected"});
  if (std::exchange(transfer.came_with_head, false) && !transfer.bytes.empty()) return transfer.bytes;
  const Stopwatch waited;
  transfer.bytes.clear();
  while (true) {
    if (transfer.result) {
      const Error error = *transfer.result == CURLE_OK ? Error{"unreachable", url_ + ": the server ended the stream"}
                                                       : transfer.request.Failure(*transfer.result);
      Close();
      return std::unexpected(error);
    }
    const auto left = patience - milliseconds(static_cast<std::int64_t>(waited.Seconds() * 1000));
    if (auto stepped = Step(left); !stepped) return std::unexpected(stepped.error());
    if (!transfer.bytes.empty() || (left <= milliseconds(0) && !transfer.result)) return transfer.bytes;
  }
}

void HttpStream::Close() {
  transfer_->Remove();
}

}  // namespace tagswell
