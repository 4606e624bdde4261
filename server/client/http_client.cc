#include "server/client/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <cstdlib>
#include <fstream>

#include "server/client/curl_request.h"
#include "server/clock.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

constexpr long kSilentSeconds = 60;
constexpr std::size_t kBodyBytesMax = 64u << 20;

}  // namespace

struct HttpClient::Request {
  CurlRequest curl;
  std::string body;                      // of the answer
  std::optional<Stopwatch> interrupted;  // since it was seen

  static std::size_t Write(char* bytes, std::size_t, std::size_t count, void* self) {
    std::string& body = static_cast<Request*>(self)->body;
    if (body.size() + count > kBodyBytesMax) return 0;
    body.append(bytes, count);
    return count;
  }
};

HttpClient::HttpClient(std::string url, const std::string& token, const Interruption& interruption,
                       HttpClientOptions options)
    : url_(WithoutTrailingSlash(std::move(url))),
      authorization_(AuthorizationHeader(token)),
      interruption_(interruption),
      options_(std::move(options)),
      request_(std::make_unique<Request>()) {}
HttpClient::~HttpClient() = default;

std::expected<HttpAnswer, Error> HttpClient::Get(const std::string& target) {
  std::vector<std::string> headers = {"Accept: application/json"};
  if (!authorization_.empty()) headers.push_back(authorization_);
  request_->curl.Prepare(AddressAt(url_, target), headers, options_);
  return Perform();
}

std::expected<HttpAnswer, Error> HttpClient::Post(const std::string& target, const std::string& content_type,
                                                  std::string_view body) {
  // "Expect:" would cost a round trip for every large body.
  std::vector<std::string> headers = {"Content-Type: " + content_type, "Accept: application/json", "Expect:"};
  if (!authorization_.empty()) headers.push_back(authorization_);
  request_->curl.Prepare(AddressAt(url_, target), headers, options_);
  CURL* const curl = request_->curl.handle();
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  return Perform();
}

std::expected<HttpAnswer, Error> HttpClient::Perform() {
  CURL* const curl = request_->curl.handle();
  request_->body.clear();
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Request::Write);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, request_.get());
  // curl asks at least once a second.
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(
      curl, CURLOPT_XFERINFOFUNCTION, +[](void* client, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<HttpClient*>(client)->HasToEnd() ? 1 : 0;
      });
  const CURLcode result = curl_easy_perform(curl);
  if (result != CURLE_OK) return std::unexpected(request_->curl.Failure(result));
  return request_->curl.Answer(std::move(request_->body));
}

bool HttpClient::HasToEnd() {
  if (!interruption_.happened()) return false;
  if (!request_->interrupted) request_->interrupted.emplace();
  return request_->interrupted->Seconds() >= std::chrono::duration<double>(options_.grace).count();
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
  return ReadTokenFile(token_file);
}

std::expected<std::string, Error> ReadTokenFile(const std::string& token_file) {
  std::ifstream file(token_file);
  std::string token;
  if (!std::getline(file, token)) {
    return std::unexpected(Error{"unreadable_token", token_file + " cannot be read, or is empty"});
  }
  if (token.ends_with('\r')) token.pop_back();
  return token;
}

}  // namespace tagswell
