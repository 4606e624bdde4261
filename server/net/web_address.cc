#include "server/net/web_address.h"

#include <curl/curl.h>

#include <memory>

namespace tagswell {
namespace {

constexpr unsigned kAnyScheme = CURLU_NON_SUPPORT_SCHEME;

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string part_text = text;
  curl_free(text);
  return part_text;
}

}  // namespace

std::expected<WebAddress, Error> ParseWebAddress(const std::string& text) {
  const std::unique_ptr<CURLU, UrlCleanup> url(curl_url());
  WebAddress address;
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), kAnyScheme) == CURLUE_OK) {
    address.scheme = PartOf(url.get(), CURLUPART_SCHEME);
    address.host = PartOf(url.get(), CURLUPART_HOST);
    address.port = PartOf(url.get(), CURLUPART_PORT);
    address.target = PartOf(url.get(), CURLUPART_PATH);
    if (const std::string query = PartOf(url.get(), CURLUPART_QUERY); !query.empty()) address.target += "?" + query;
  }
  if (address.host.empty()) return std::unexpected(Error{"bad_url", text + " is no web address"});
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  return address;
}

std::expected<WebAddress, Error> ResolveReference(const WebAddress& base, const std::string& reference) {
  const std::unique_ptr<CURLU, UrlCleanup> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, base.Text().c_str(), kAnyScheme) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), kAnyScheme) != CURLUE_OK) {
    return std::unexpected(Error{"bad_url", reference + " is no web address"});
  }
  return ParseWebAddress(PartOf(url.get(), CURLUPART_URL));
}

std::string WebAddress::Text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return scheme + "://" + (is_ipv6 ? "[" + host + "]" : host) + (port.empty() ? "" : ":" + port) + target;
}

}  // namespace tagswell
