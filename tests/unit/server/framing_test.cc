// Where a request ends: the reference set of raw requests, and requests that hide another one. Each is sent whole and
// byte by byte.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tests/unit/server/raw_client.h"
#include "tests/unit/server/test_server.h"

namespace tagswell {
namespace {

struct FramingCase {
  std::string name;
  std::string want;
  std::string raw;
};

std::vector<FramingCase> ReadCases() {
  const char* shared = std::getenv("TAGSWELL_SHARED");
  std::ifstream file(std::string(shared ? shared : TAGSWELL_SHARED_DIR) + "/data/http/framing.jsonl");
  std::vector<FramingCase> cases;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(file, line);) {
    const simdjson::dom::element element = parser.parse(line);
    const std::string base64(element["raw_base64"].get_string().value());
    std::string raw(base64.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(raw.data()),
                        reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
    const auto padding = static_cast<std::size_t>(std::ranges::count(base64, '='));
    raw.resize(static_cast<std::size_t>(size) - padding);
    cases.push_back({std::string(element["name"].get_string().value()),
                     std::string(element["want"].get_string().value()), std::move(raw)});
  }
  return cases;
}

// Every answer that a request's bytes get, until the server ends the connection.
std::vector<RawResponse> Answers(std::uint16_t port, const std::string& raw, bool byte_by_byte) {
  RawClient client(port);
  for (std::size_t i = 0; byte_by_byte && i < raw.size(); ++i) {
    if (!client.Send(std::string_view(raw).substr(i, 1))) break;
  }
  if (!byte_by_byte) client.Send(raw);
  client.ShutdownSend();
  std::vector<RawResponse> answers;
  for (RawResponse answer = client.Receive(); answer.status != 0; answer = client.Receive()) {
    answers.push_back(std::move(answer));
  }
  EXPECT_TRUE(client.AtEnd());
  return answers;
}

// Accepted: the first answer is a 2xx. Refused: at most one answer, a 4xx or 5xx; nothing after it is read as a
// request.
std::string Judge(std::uint16_t port, const FramingCase& c, bool byte_by_byte) {
  const std::vector<RawResponse> answers = Answers(port, c.raw, byte_by_byte);
  if (!answers.empty() && answers[0].status >= 200 && answers[0].status < 300) return "accept";
  return answers.empty() || (answers.size() == 1 && answers[0].status >= 400) ? "reject" : "went on after a refusal";
}

TEST(Framing, JudgesEveryReferenceRequestAsAStrictServerDoes) {
  const std::vector<FramingCase> cases = ReadCases();
  if (cases.empty()) GTEST_SKIP() << "reference data is absent";
  TestServer server;
  std::size_t right = 0;
  for (const FramingCase& c : cases) {
    const std::string whole = Judge(server.port(), c, false);
    const std::string pieces = Judge(server.port(), c, true);
    EXPECT_EQ(whole, pieces) << c.name;
    if (c.want != "either") {
      EXPECT_EQ(whole, c.want) << c.name;
    }
    right += (c.want == "either" || whole == c.want) && whole == pieces;
  }
  std::cout << right << " of " << cases.size() << " framing cases\n";
}

// Each holds "GET /" where another reader of the same bytes, a proxy say, would see a request of its own or none.
// Whoever answers it, or anything behind the refusal, lets one client speak in another's name.
TEST(Framing, AnswersNoRequestThatHidesInAnother) {
  const std::string hidden = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto post = [](const std::string& fields, const std::string& rest) {
    return "POST /x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + rest;
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const struct {
    const char* name;
    std::string raw;
    int status;
  } cases[] = {
      {"length before chunked", post("Content-Length: 5\r\n" + chunked, "0\r\n\r\n" + hidden), 400},
      {"chunked before length", post(chunked + "Content-Length: 5\r\n", "0\r\n\r\n" + hidden), 400},
      {"two lengths", post("Content-Length: 0\r\nContent-Length: 27\r\n", hidden), 400},
      {"a list of lengths", post("Content-Length: 0, 27\r\n", hidden), 400},
      {"a signed length", post("Content-Length: +0\r\n", hidden), 400},
      {"a length above 2^64", post("Content-Length: 18446744073709551616\r\n", hidden), 400},
      {"chunked twice", post(chunked + chunked, "0\r\n\r\n" + hidden), 400},
      {"chunked in a list", post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n" + hidden), 501},
      {"almost chunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden), 501},
      {"chunked behind a tab and quoted", post("Transfer-Encoding:\t\"chunked\"\r\n", "0\r\n\r\n" + hidden), 501},
      {"a space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + hidden), 400},
      {"a folded line", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + hidden), 400},
      {"a folded line with a tab", post("X: a\r\n\tContent-Length: 27\r\nContent-Length: 0\r\n", hidden), 400},
      {"chunked in HTTP/1.0", "POST /x HTTP/1.0\r\nHost: a\r\n" + chunked + "\r\n0\r\n\r\n" + hidden, 400},
      {"a bare CR in a field", post("X: a\rContent-Length: 27\r\nContent-Length: 0\r\n", hidden), 400},
      {"a line that ends with LF alone", post("X: a\nContent-Length: 27\r\nContent-Length: 0\r\n", hidden), 400},
      {"a head that ends with LF alone", "GET / HTTP/1.1\r\nHost: a\n\n" + hidden, 400},
      {"a NUL in a field", post(std::string("X: a\0\r\nContent-Length: 0\r\n", 25), hidden), 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden, 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n" + hidden, 400},
      {"a chunk's size with a prefix", post(chunked, "0x0\r\n\r\n" + hidden), 400},
      {"a negative chunk", post(chunked, "-1\r\n\r\n" + hidden), 400},
      {"a chunk above 2^64", post(chunked, "10000000000000000\r\n\r\n" + hidden), 400},
      {"a chunk's size that ends with LF alone", post(chunked, "0\n\r\n" + hidden), 400},
      {"an extension with LF inside", post(chunked, "1;a\nb\r\nx\r\n0\r\n\r\n" + hidden), 400},
      {"a chunk longer than it says", post(chunked, "1\r\nxyz\r\n0\r\n\r\n" + hidden), 400},
      {"a trailer line that is folded", post(chunked, "0\r\n X: a\r\n\r\n" + hidden), 400},
      {"a trailer line that ends with LF alone", post(chunked, "0\r\nX: a\n\r\n" + hidden), 400},
      {"a body nobody reads", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n" + hidden, 400},
      {"a body behind an upgrade",
       "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 27\r\n\r\n" +
           hidden,
       400},
      {"a body above the limit", post("Content-Length: 99999999\r\n", hidden), 413},
      {"HTTP/0.9", "GET /\r\n\r\n" + hidden, 400},
      {"another version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n" + hidden, 505},
  };
  TestServer server;
  for (const auto& c : cases) {
    for (const bool byte_by_byte : {false, true}) {
      const std::vector<RawResponse> answers = Answers(server.port(), c.raw, byte_by_byte);
      ASSERT_EQ(answers.size(), 1u) << c.name;
      EXPECT_EQ(answers[0].status, c.status) << c.name << ": " << answers[0].body;
      EXPECT_EQ(answers[0].Header("Connection"), "close") << c.name;
    }
  }
  EXPECT_EQ(RawClient(server.port()).Get("/").body, "home");
}

// The other half: what is framed rightly is answered, each request once and in order.
TEST(Framing, SeesTheNextRequestWhereTheBodyEnds) {
  const std::string next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  const struct {
    const char* name;
    std::string raw;
    std::string body;
  } cases[] = {
      {"a length", head + "Content-Length: 27\r\n\r\n" + next, next},
      {"a length with zeros before it", head + "Content-Length: 0005\r\n\r\nhello", "hello"},
      {"no bytes", head + "Content-Length: 0\r\n\r\n", ""},
      {"chunks", chunked + "1b\r\n" + next + "\r\n0\r\n\r\n", next},
      {"large and small digits", chunked + "A\r\n0123456789\r\na;b=\"c\"\r\n0123456789\r\n000\r\n\r\n",
       "01234567890123456789"},
      {"trailers", chunked + "1\r\nx\r\n0\r\nContent-Length: 99\r\nX: y\r\n\r\n", "x"},
      {"any case", head + "tRANSFER-eNCODING: CHUNKED\r\n\r\n1\r\nx\r\n0\r\n\r\n", "x"},
      {"an empty line before", "\r\n\r\n" + head + "Content-Length: 1\r\n\r\nx", "x"},
  };
  TestServer server;
  for (const auto& c : cases) {
    for (const bool byte_by_byte : {false, true}) {
      const std::vector<RawResponse> answers = Answers(server.port(), c.raw + next, byte_by_byte);
      ASSERT_EQ(answers.size(), 2u) << c.name;
      EXPECT_EQ(answers[0].status, 200) << c.name;
      EXPECT_EQ(answers[0].body, c.body) << c.name;
      EXPECT_EQ(answers[1].body, "home") << c.name;
    }
  }
}

}  // namespace
}  // namespace tagswell
