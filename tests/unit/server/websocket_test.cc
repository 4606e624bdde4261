#include <gtest/gtest.h>

#include <thread>

#include "server/net/websocket_frames.h"
#include "tests/unit/server/raw_client.h"
#include "tests/unit/server/test_server.h"

namespace tagswell {
namespace {

Frame MakeFrame(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

TEST(WebSocket, AcceptsTheKeyOfTheRfc) {
  EXPECT_EQ(WebSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, EchoesTextAndBinaryOfAllSizes) {
  TestServer server;
  RawClient client(server.port());
  const RawResponse upgraded = client.Upgrade("/ws");
  ASSERT_EQ(upgraded.status, 101);
  EXPECT_EQ(upgraded.Header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  for (const std::size_t size : {0ul, 1ul, 125ul, 126ul, 65535ul, 65536ul, 200000ul}) {
    for (const int opcode : {1, 2}) {
      std::string payload(size, ' ');
      for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 19);
      ASSERT_TRUE(client.SendFrame(opcode, payload));
      const RawFrame frame = client.ReceiveData();
      ASSERT_EQ(frame.opcode, opcode) << size;
      ASSERT_EQ(frame.payload == payload, true) << size;
    }
  }
  for (const std::string& event : server.events().All()) EXPECT_NE(event, "no padding");
}

TEST(WebSocket, JoinsFragmentsAndAnswersPingsBetweenThem) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  client.SendFrame(1, "he", false);
  client.SendFrame(9, "are you there");
  const RawFrame pong = client.ReceiveFrame();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  client.SendFrame(0, "ll", false);
  client.SendFrame(0, "o", true);
  EXPECT_EQ(client.ReceiveData().payload, "hello");
}

TEST(WebSocket, ClosesOnEveryBreachWithItsCode) {
  TestServer server;
  const struct {
    const char* name;
    int opcode;
    std::string payload;
    bool fin;
    bool mask;
    int code;
  } cases[] = {
      {"unmasked", 1, "a", true, false, 1002},
      {"reserved opcode", 3, "a", true, true, 1002},
      {"reserved bit", 0x41, "a", true, true, 1002},
      {"nothing to continue", 0, "a", true, true, 1002},
      {"fragmented ping", 9, "a", false, true, 1002},
      {"long ping", 9, std::string(126, 'a'), true, true, 1002},
      {"bad text", 1, "\xff", true, true, 1007},
      {"close code 1005", 8, "\x03\xed", true, true, 1002},
      {"one byte of a close code", 8, "a", true, true, 1002},
      {"bad close reason", 8, "\x03\xe8\xff", true, true, 1007},
  };
  for (const auto& c : cases) {
    RawClient client(server.port());
    ASSERT_EQ(client.Upgrade("/ws").status, 101);
    client.SendFrame(c.opcode, c.payload, c.fin, c.mask);
    const RawFrame frame = client.ReceiveData();
    EXPECT_EQ(frame.opcode, 8) << c.name;
    EXPECT_EQ(frame.CloseCode(), c.code) << c.name;
    EXPECT_TRUE(client.AtEnd()) << c.name;
  }
}

TEST(WebSocket, RefusesMessagesAboveTheLimit) {
  ServerOptions options;
  options.limits.message_bytes_max = 10;
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  client.SendFrame(1, "123456", false);
  client.SendFrame(0, "12345", true);
  EXPECT_EQ(client.ReceiveData().CloseCode(), 1009);
}

TEST(WebSocket, AnswersACloseWithTheSameCode) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  client.SendFrame(8, std::string("\x03\xe8", 2) + "bye");
  EXPECT_EQ(client.ReceiveData().CloseCode(), 1000);
  EXPECT_TRUE(client.AtEnd());
  client.ShutdownSend();
  EXPECT_TRUE(server.events().WaitFor("close"));
  EXPECT_FALSE(server.WaitForMailbox()->Send(MakeFrame("too late")));
}

TEST(WebSocket, IsRefusedBeforeTheUpgrade) {
  TestServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.Upgrade("/ws?since=old").status, 410);
  EXPECT_EQ(client.Upgrade("/ws", "Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(client.Upgrade("/ws?until=now").status, 400);
  EXPECT_EQ(client.Get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n").status, 426);
  EXPECT_EQ(client.Get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n").status,
            400);
  EXPECT_EQ(client.Upgrade("/ws").status, 101);
}

TEST(WebSocket, ReadsFramesThatCameWithTheUpgrade) {
  TestServer server;
  RawClient client(server.port());
  client.Send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x82\x01\x01\x01\x01\x69\x68");
  ASSERT_EQ(client.Receive().status, 101);
  EXPECT_EQ(client.ReceiveData().payload, "hi");
}

TEST(WebSocket, SendsWhatOtherThreadsPutIntoTheMailboxInOrder) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  const auto mailbox = server.WaitForMailbox();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(mailbox->Send(MakeFrame(std::to_string(i))));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.ReceiveData().payload, std::to_string(i));
  mailbox->Close(CloseCode::kNormal, "done");
  const RawFrame frame = client.ReceiveData();
  EXPECT_EQ(frame.CloseCode(), 1000);
  EXPECT_EQ(frame.CloseReason(), "done");
}

TEST(WebSocket, LetsGoOfASubscriberThatDoesNotRead) {
  TestServer server;
  RawClient client(server.port());
  client.SetReceiveBuffer(4096);
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  const auto mailbox = server.WaitForMailbox();
  const Frame frame = MakeFrame(std::string(16 * 1024, 'x'));
  int sent = 0;
  for (; sent < 100'000; ++sent) {
    mailbox->SetOverflowReason("last seq " + std::to_string(sent));
    if (!mailbox->Send(frame)) break;
  }
  ASSERT_LT(sent, 100'000);
  RawFrame got;
  int received = 0;
  while ((got = client.ReceiveData()).opcode == 1) {
    ASSERT_EQ(got.payload.size(), frame->size());  // whole frames up to the close
    ++received;
  }
  EXPECT_EQ(got.CloseCode(), 1013);
  EXPECT_EQ(got.CloseReason(), "last seq " + std::to_string(sent));
  EXPECT_LE(received, sent);
}

TEST(WebSocket, StopsReadingWhileItsHandlerWantsThat) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  client.SendFrame(1, "pause");
  client.SendFrame(1, "later");
  ASSERT_TRUE(server.events().WaitFor("paused"));
  const auto mailbox = server.WaitForMailbox();
  mailbox->Send(MakeFrame("first"));
  EXPECT_EQ(client.ReceiveData().payload, "first");
  mailbox->ResumeReading();
  EXPECT_EQ(client.ReceiveData().payload, "later");
}

// A peer that is behind with reading, while the handler resumes: the loop has been woken by then and is waiting for the
// socket, and nobody wakes it twice.
TEST(WebSocket, GoesOnReadingWhenResumedDuringAWrite) {
  ServerOptions options;
  options.limits.mailbox_bytes_max = 64 * 1024 * 1024;
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  client.SendFrame(1, "pause");
  client.SendFrame(1, "later");
  ASSERT_TRUE(server.events().WaitFor("paused"));
  const auto mailbox = server.WaitForMailbox();
  const std::string large(32 * 1024 * 1024, 'x');  // more than the sockets take
  // Connections take turns on the loops: when each has answered, each has dealt with what came before.
  const auto let_loops_run = [&] {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(RawClient(server.port()).Get("/").status, 200);
  };
  mailbox->Send(MakeFrame(large));
  let_loops_run();  // the write is under way
  mailbox->Send(MakeFrame("behind"));
  let_loops_run();  // the loop has seen it, and goes on writing
  mailbox->ResumeReading();
  EXPECT_EQ(client.ReceiveData().payload == large, true);
  EXPECT_EQ(client.ReceiveData().payload, "behind");
  EXPECT_EQ(client.ReceiveData().payload, "later");
}

TEST(WebSocket, PingsAndLetsGoOfTheSilent) {
  ServerOptions options;
  options.limits.ping_interval = std::chrono::seconds(1);
  options.limits.pong_timeout = std::chrono::seconds(1);
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  EXPECT_EQ(client.ReceiveFrame().opcode, 9);
  client.ReceiveAll();  // returns at the end
  EXPECT_TRUE(server.events().WaitFor("close"));
}

TEST(WebSocket, SaysGoodbyeWhenTheServerStops) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_EQ(client.Upgrade("/ws").status, 101);
  server.WaitForMailbox()->Send(MakeFrame("last words"));
  std::thread stopper([&] { server.server().Stop(std::chrono::seconds(10)); });
  EXPECT_EQ(client.ReceiveData().payload, "last words");
  EXPECT_EQ(client.ReceiveData().CloseCode(), 1001);
  client.SendFrame(8, "\x03\xe9");
  client.ShutdownSend();
  stopper.join();
  EXPECT_TRUE(server.events().WaitFor("close"));
}

TEST(EventStream, SendsChunksUntilItIsClosed) {
  TestServer server;
  RawClient client(server.port());
  const RawResponse head = client.Get("/stream");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Type"), "text/event-stream");
  EXPECT_EQ(head.Header("Transfer-Encoding"), "chunked");
  const auto mailbox = server.WaitForMailbox();
  const Frame both[] = {MakeFrame("data: 1\n\n"), MakeFrame("data: 2\n\n")};
  mailbox->Send(both);
  mailbox->Close(CloseCode::kNormal, "");
  EXPECT_EQ(client.ReceiveAll(), "12\r\ndata: 1\n\ndata: 2\n\n\r\n0\r\n\r\n");
}

TEST(EventStream, IsPlainForHttp10AndEndsWithTheConnection) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Receive().Header("Transfer-Encoding"), "");
  server.WaitForMailbox()->Send(MakeFrame("data: 1\n\n"));
  server.WaitForMailbox()->Close(CloseCode::kNormal, "");
  EXPECT_EQ(client.ReceiveAll(), "data: 1\n\n");
}

TEST(EventStream, NoticesThatItsReaderLeft) {
  TestServer server;
  {
    RawClient client(server.port());
    ASSERT_EQ(client.Get("/stream").status, 200);
  }
  EXPECT_TRUE(server.events().WaitFor("close"));
}

}  // namespace
}  // namespace tagswell
