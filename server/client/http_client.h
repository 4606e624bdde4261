// Requests to a server, a tagswell as a rule, by libcurl, over one connection that is kept. Not thread-safe.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/client/interruption.h"

namespace tagswell {

struct HttpAnswer {
  long status = 0;
  std::optional<std::chrono::seconds> retry_after;
  std::string body;
};

struct HttpClientOptions {
  bool follow_redirects = false;       // up to five; the token goes to the first host only
  std::string ca_file;                 // PEM of whom to trust in place of the system's authorities; empty: these
  std::chrono::milliseconds grace{0};  // what is under way at an interruption may go on for so long
};

class HttpClient {
 public:
  // `url` is the server's address, http unless it says https. `token` may be empty. `interruption` outlives the client
  // and ends requests that are under way.
  HttpClient(std::string url, const std::string& token, const Interruption& interruption,
             HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // `target` is path and query. An answer of any status is a value. Errors: unreachable (refused, reset, silent for a
  // minute; the detail says which), bad_url, interrupted.
  std::expected<HttpAnswer, Error> Get(const std::string& target);
  std::expected<HttpAnswer, Error> Post(const std::string& target, const std::string& content_type,
                                        std::string_view body);

  const std::string& url() const { return url_; }

 private:
  std::expected<HttpAnswer, Error> Perform();
  bool HasToEnd();  // an interruption came, and its grace is over

  std::string url_;
  std::string authorization_;
  const Interruption& interruption_;
  const HttpClientOptions options_;
  struct Request;
  std::unique_ptr<Request> request_;
};

// What a server's refusal says: the detail of its problem+json, or its status.
std::string RefusalText(const HttpAnswer& answer);

// The bearer token: the first line of `token_file`, or of the environment's TAGSWELL_TOKEN when that is empty; "" when
// there is neither. Never a flag: other users see those. Error: unreadable_token.
std::expected<std::string, Error> ReadToken(const std::string& token_file);
std::expected<std::string, Error> ReadTokenFile(const std::string& token_file);  // the first half of it

}  // namespace tagswell
