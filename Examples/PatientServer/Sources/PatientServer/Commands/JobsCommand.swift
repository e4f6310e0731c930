import ArgumentParser
import Foundation
import JobQueue

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Looks at the job queue and steers it.",
        subcommands: [List.self, Show.self, Retry.self, Cancel.self, Pause.self, Resume.self, Stats.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists jobs, the newest first.")

        @OptionGroup var common: CommonOptions

        @Option(help: "Only those in this state: \(JobState.allCases.map(\.rawValue).joined(separator: ", ")).")
        var state: String?

        @Option(help: "Only those of this kind.")
        var kind: String?

        @Option(help: "At most so many.")
        var limit: Int = 50

        func run() async throws {
            let states = try state.map { word in
                guard let state = JobState(rawValue: word) else {
                    throw ValidationError(
                        "--state: “\(word)” is none; there are \(JobState.allCases.map(\.rawValue).joined(separator: ", "))"
                    )
                }
                return Set([state])
            }
            try await withApplication(common) { application in
                let jobs = try await application.storage.jobs.jobs(
                    JobFilter(states: states ?? [], kind: kind, limit: max(1, min(limit, 1000))))
                for job in jobs {
                    print("\(job.id)  \(job.kind)  \(job.state.rawValue)  \(job.createdAt.formatted(.iso8601))")
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one job.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "The job's id.") var id: String

        func run() async throws {
            try await withApplication(common) { application in
                guard let job = try await application.storage.jobs.job(try jobID(id)) else { throw missing(id) }
                print("id        \(job.id)")
                print("kind      \(job.kind)")
                print("state     \(job.state.rawValue)")
                print("created   \(job.createdAt.formatted(.iso8601))")
                if let finished = job.finishedAt { print("finished  \(finished.formatted(.iso8601))") }
                if let error = job.error { print("error     \(error)") }
                for (state, count) in try await application.storage.jobs.children(of: job.id) {
                    print("children  \(count) \(state.rawValue)")
                }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Runs dead or cancelled jobs again.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "The jobs' ids.") var ids: [String]

        func run() async throws {
            try await withApplication(common) { application in
                let client = JobClient(store: application.storage.jobs)
                var count = 0
                for id in try ids.map(jobID) { count += try await client.retry(id) }
                print("\(count) jobs run again")
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancels a job; a running one is told to stop.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "The job's id.") var id: String

        func run() async throws {
            try await withApplication(common) { application in
                let client = JobClient(store: application.storage.jobs)
                guard try await client.cancel(try jobID(id), reason: "cancelled at the command line") else {
                    throw ValidationError("there is no job \(id) that has not ended")
                }
                print("cancelled")
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hands out no more jobs of a queue.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "The queue.") var queue: String = "generation"

        func run() async throws {
            try await withApplication(common) { try await $0.storage.jobs.pause(queue) }
            print("\(queue) is paused; running jobs go on")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hands out the jobs of a queue again.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "The queue.") var queue: String = "generation"

        func run() async throws {
            try await withApplication(common) { try await $0.storage.jobs.resume(queue) }
            print("\(queue) is resumed")
        }
    }

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Counts jobs by queue and state.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await withApplication(common) { application in
                for queue in try await application.storage.jobs.statistics() {
                    let counts = queue.counts.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
                        .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
                    let oldest = queue.oldestReady.map { ", the oldest ready one for \($0)" } ?? ""
                    print(
                        "\(queue.queue): \(counts.isEmpty ? "empty" : counts)\(oldest)\(queue.settings.isPaused ? ", paused" : "")"
                    )
                }
            }
        }
    }
}

private func jobID(_ text: String) throws -> JobID {
    guard let id = JobID(text) else { throw ValidationError("“\(text)” is no job id; `jobs list` shows them") }
    return id
}

private func missing(_ id: String) -> ValidationError { ValidationError("there is no job \(id)") }
