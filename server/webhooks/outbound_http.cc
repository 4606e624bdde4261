#include "server/webhooks/outbound_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tagswell {
namespace {

constexpr long kConnectSeconds = 5;
constexpr long kAnswerSeconds = 15;
constexpr std::size_t kUrlBytesMax = 2048;

}  // namespace

struct OutboundHttp::Handle {
  Handle(const AddressRule& the_rule, const std::atomic<bool>& the_stop) : rule(the_rule), stop(the_stop) {}
  ~Handle() { curl_easy_cleanup(curl); }

  // A socket for the address that the name was resolved to just now: what is asked of the rule is what is connected to.
  static curl_socket_t Open(void* self, curlsocktype, curl_sockaddr* address) {
    auto& handle = *static_cast<Handle*>(self);
    if (!handle.rule.Allows(address->addr)) {
      handle.refused = true;
      return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }
  static std::size_t Keep(char* bytes, std::size_t, std::size_t count, void* self) {
    std::string& answer = static_cast<Handle*>(self)->answer;
    answer.append(bytes, std::min(count, kAnswerBytesMax - answer.size()));
    return count;
  }
  static int Progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Handle*>(self)->stop ? 1 : 0;
  }

  const AddressRule& rule;
  const std::atomic<bool>& stop;
  CURL* const curl = curl_easy_init();
  bool refused = false;
  std::string answer;
};

OutboundHttp::OutboundHttp(const AddressRule& rule, const std::atomic<bool>& stop)
    : handle_(std::make_unique<Handle>(rule, stop)) {}
OutboundHttp::~OutboundHttp() = default;

std::expected<std::string, std::string> OutboundHttp::Get(const std::string& url,
                                                          const std::vector<std::string>& headers) {
  return Exchange(url, headers, nullptr);
}

std::expected<std::string, std::string> OutboundHttp::Post(const std::string& url,
                                                           const std::vector<std::string>& headers,
                                                           const std::string& body) {
  return Exchange(url, headers, &body);
}

std::expected<std::string, std::string> OutboundHttp::Exchange(const std::string& url,
                                                               const std::vector<std::string>& headers,
                                                               const std::string* body) {
  CURL* const curl = handle_->curl;
  curl_easy_reset(curl);
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  handle_->refused = false;
  handle_->answer.clear();
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kAnswerSeconds);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &Handle::Open);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, handle_.get());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Handle::Keep);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, handle_.get());
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Handle::Progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, handle_.get());
  const CURLcode result = curl_easy_perform(curl);
  curl_slist_free_all(list);
  if (handle_->refused) return std::unexpected("the address is not allowed");
  if (result != CURLE_OK) return std::unexpected(*reason != '\0' ? reason : curl_easy_strerror(result));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299) return std::unexpected("the receiver answered " + std::to_string(status));
  return std::move(handle_->answer);
}

bool IsHttpUrl(const std::string& url) {
  if (url.size() > kUrlBytesMax) return false;
  CURLU* const parsed = curl_url();
  const auto has = [parsed](CURLUPart part) {
    char* text = nullptr;
    const bool there = curl_url_get(parsed, part, &text, 0) == CURLUE_OK && *text != '\0';
    curl_free(text);
    return there;
  };
  bool good = curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK && has(CURLUPART_HOST) &&
              !has(CURLUPART_USER) && !has(CURLUPART_PASSWORD) && !has(CURLUPART_FRAGMENT);
  char* scheme = nullptr;
  good = good && curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
         (std::strcmp(scheme, "http") == 0 || std::strcmp(scheme, "https") == 0);
  curl_free(scheme);
  curl_url_cleanup(parsed);
  return good;
}

}  // namespace tagswell
