import Logging
import StructuredLogging

LoggingSystem.bootstrap { JSONLogHandler(label: $0, sink: .standardOutput) }
Logger(label: "consumer").info("hello", metadata: ["answer": "42"])
LogSink.standardOutput.flush()
