// One libcurl handle, and what all our requests have in common. Seen by the files that speak to libcurl only.
// Not thread-safe.
#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/client/http_client.h"

namespace tagswell {

class CurlRequest {
 public:
  CurlRequest();
  ~CurlRequest();
  CurlRequest(const CurlRequest&) = delete;
  CurlRequest& operator=(const CurlRequest&) = delete;

  // A new request over connections that are kept. Method and body are for the caller to set.
  void Prepare(const std::string& address, const std::vector<std::string>& headers, const HttpClientOptions& options);

  CURL* handle() const { return curl_; }
  long status() const;

  // What the server said, once its head has come.
  HttpAnswer Answer(std::string body) const;
  // Why there is no answer. Errors: unreachable, bad_url, interrupted (a callback said so).
  Error Failure(CURLcode result) const;

 private:
  CURL* const curl_;
  curl_slist* headers_ = nullptr;
  std::string address_;
  char reason_[CURL_ERROR_SIZE] = "";
};

std::string WithoutTrailingSlash(std::string url);
// Where `target`, "/v1/top?limit=3", is at a server, or at one of its streams: at "http://host/v1/streams/politics" it
// is below that without its "/v1".
std::string AddressAt(const std::string& url, std::string_view target);
// The header of a bearer token; "" of none.
std::string AuthorizationHeader(std::string_view token);

}  // namespace tagswell
