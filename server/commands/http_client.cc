#include "server/commands/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <cstdlib>
#include <fstream>

#include "server/commands/plain_words.h"
#include "server/commands/retry_policy.h"

namespace tagswell {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kSilentSeconds = 60;  // the server pings subscribers every 20 s
constexpr std::size_t kBodyBytesMax = 64u << 20;

std::string WithoutTrailingSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

bool IsSuccess(long status) {
  return status >= 200 && status < 300;
}

}  // namespace

struct HttpClient::Handle {
  CURL* curl = curl_easy_init();
  curl_slist* headers = nullptr;

  ~Handle() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }
};

// What one request collects while curl runs.
struct HttpClient::Transfer {
  CURL* curl = nullptr;
  const std::function<bool(std::string_view)>* on_bytes = nullptr;
  std::string body;
  bool stopped = false;  // by on_bytes

  static std::size_t Write(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    long status = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    if (transfer.on_bytes != nullptr && IsSuccess(status)) {
      transfer.stopped = !(*transfer.on_bytes)({bytes, count});
      return transfer.stopped ? 0 : count;
    }
    if (transfer.body.size() + count > kBodyBytesMax) return 0;
    transfer.body.append(bytes, count);
    return count;
  }
};

HttpClient::HttpClient(std::string url, const std::string& token, const Interruption& interruption)
    : url_(WithoutTrailingSlash(std::move(url))),
      authorization_(token.empty() ? "" : "Authorization: Bearer " + token),
      interruption_(interruption),
      handle_(std::make_unique<Handle>()) {}
HttpClient::~HttpClient() = default;

std::expected<HttpAnswer, Error> HttpClient::Get(const std::string& target) {
  Transfer transfer;
  curl_easy_reset(handle_->curl);
  return Perform(target, {"Accept: application/json"}, transfer);
}

std::expected<HttpAnswer, Error> HttpClient::Post(const std::string& target, const std::string& content_type,
                                                  std::string_view body) {
  Transfer transfer;
  curl_easy_reset(handle_->curl);
  curl_easy_setopt(handle_->curl, CURLOPT_POST, 1L);
  curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDS, body.data());
  // "Expect:" would cost a round trip for every large body.
  return Perform(target, {"Content-Type: " + content_type, "Accept: application/json", "Expect:"}, transfer);
}

std::expected<HttpAnswer, Error> HttpClient::Stream(const std::string& target, const std::vector<std::string>& headers,
                                                    const std::function<bool(std::string_view)>& on_bytes) {
  Transfer transfer;
  transfer.on_bytes = &on_bytes;
  curl_easy_reset(handle_->curl);
  return Perform(target, headers, transfer);
}

std::expected<HttpAnswer, Error> HttpClient::Perform(const std::string& target, std::vector<std::string> headers,
                                                     Transfer& transfer) {
  CURL* const curl = handle_->curl;
  transfer.curl = curl;
  if (!authorization_.empty()) headers.push_back(authorization_);
  curl_slist_free_all(std::exchange(handle_->headers, nullptr));
  for (const std::string& header : headers) handle_->headers = curl_slist_append(handle_->headers, header.c_str());
  const std::string address = url_ + target;
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl, CURLOPT_URL, address.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::Write);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  // curl asks at least once a second.
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &interruption_);
  curl_easy_setopt(
      curl, CURLOPT_XFERINFOFUNCTION, +[](void* interruption, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<const Interruption*>(interruption)->happened() ? 1 : 0;
      });
  const CURLcode result = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  if (result == CURLE_ABORTED_BY_CALLBACK) return std::unexpected(Error{"interrupted", "interrupted"});
  if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL) {
    return std::unexpected(Error{"bad_url", url_ + " is no http or https address"});
  }
  if (result != CURLE_OK && !transfer.stopped) {
    return std::unexpected(
        Error{"unreachable", fmt::format("{}: {}", url_, *reason != '\0' ? reason : curl_easy_strerror(result))});
  }
  HttpAnswer answer;
  answer.body = std::move(transfer.body);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_header* header = nullptr;
  if (curl_easy_header(curl, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
    answer.retry_after = ParseRetryAfter(header->value);
  }
  return answer;
}

std::string UrlEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string RefusalText(const HttpAnswer& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view detail;
  if (parser.parse(answer.body.data(), answer.body.size()).get(root) == simdjson::SUCCESS &&
      root.at_pointer("/detail").get(detail) == simdjson::SUCCESS) {
    return fmt::format("the server answers {}: {}", answer.status, Printable(detail));
  }
  return fmt::format("the server answers {}", answer.status);
}

std::expected<std::string, Error> ReadToken(const std::string& token_file) {
  if (token_file.empty()) {
    const char* const token = std::getenv("TAGSWELL_TOKEN");
    return token != nullptr ? token : "";
  }
  std::ifstream file(token_file);
  std::string token;
  if (!std::getline(file, token)) {
    return std::unexpected(Error{"unreadable_token", token_file + " cannot be read, or is empty"});
  }
  if (token.ends_with('\r')) token.pop_back();
  return token;
}

}  // namespace tagswell
