#include "server/net/http.h"

#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

const std::string* Find(const std::vector<NameValue>& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace

std::string_view Name(Method method) {
  constexpr std::string_view kNames[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
  return kNames[static_cast<std::size_t>(method)];
}

std::optional<Method> MethodFromName(std::string_view name) {
  for (const Method method :
       {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kDelete, Method::kOptions}) {
    if (Name(method) == name) return method;
  }
  return std::nullopt;
}

std::string_view Request::PathParam(std::string_view name) const {
  const std::string* value = Find(path_params, name);
  return value ? std::string_view(*value) : std::string_view();
}

std::optional<std::string_view> Request::QueryParam(std::string_view name) const {
  const std::string* value = Find(query, name);
  return value ? std::optional<std::string_view>(*value) : std::nullopt;
}

std::string_view Request::Header(std::string_view lower_case_name) const {
  const std::string* value = Find(headers, lower_case_name);
  return value ? std::string_view(*value) : std::string_view();
}

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    Reply dropped(std::move(*this));
    sink_ = std::move(other.sink_);
  }
  return *this;
}

Reply::~Reply() {
  if (!sink_) return;
  Log(LogLevel::kError, "a handler dropped its reply");
  (*this)(Problem(500, "internal", "The request was not answered."));
}

void Reply::operator()(Response response) {
  const std::shared_ptr<ReplySink> sink = std::move(sink_);
  sink->Deliver(std::move(response));
}

}  // namespace tagswell
