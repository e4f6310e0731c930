import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Gives every response what browsers must be told, and turns every error into the one envelope. What nobody foresaw is a
/// 500 whose text stays in the log.
struct AnswerMiddleware<Context: RequestContext>: RouterMiddleware {
    let routes: RouteTable

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let answer = translate(error, request: request)
            if answer.status.code >= 500 {
                context.logger.error("request failed", metadata: ["error": "\(error)"])
            }
            let problem = request.headers[.accept]?.contains("application/problem+json") ?? false
            response = answer.response(requestID: requestID(of: context), problem: problem)
        }
        SecurityHeaders.add(to: &response)
        return response
    }

    private func translate(_ error: any Error, request: Request) -> APIError {
        switch error {
        case let error as APIError:
            return error
        case let error as HTTPError:
            switch error.status {
            case .notFound:
                let methods = routes.methods(of: request.uri.path)
                guard methods.isEmpty else {
                    let allowed = methods.joined(separator: ", ")
                    return APIError(
                        status: .methodNotAllowed, detail: "\(request.uri.path.prefix(200)) takes \(allowed)",
                        headers: [.allow: allowed])
                }
                return .notFound("there is nothing at \(request.uri.path.prefix(200))")
            case .contentTooLarge:
                return APIError(status: .contentTooLarge, detail: "the body is too large")
            default:
                return APIError(
                    status: error.status, detail: error.body ?? error.status.reasonPhrase, headers: error.headers)
            }
        case is NIOTooManyBytesError:
            return APIError(status: .contentTooLarge, detail: "the body is too large; it may have 1 MiB")
        default:
            if let service = ServiceErrors.translate(error) { return service }
            return APIError(
                status: .internalServerError, detail: "the server failed; its log has the request's id")
        }
    }
}

/// The id of a request, as it stands in the log and in the answer.
func requestID(of context: some RequestContext) -> String {
    context.logger[metadataKey: "request_id"].map { "\($0)" } ?? context.id
}
