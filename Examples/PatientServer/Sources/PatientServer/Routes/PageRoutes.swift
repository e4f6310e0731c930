import HTTPTypes
import Hummingbird

/// The web page and the documents, which are part of the binary.
struct PageRoutes: Sendable {
    func add(to router: Router<AppContext>) {
        add("/", PackageResources.index_html, "text/html; charset=utf-8", to: router)
        add("app.js", PackageResources.app_js, "text/javascript; charset=utf-8", to: router)
        add("pictures.js", PackageResources.pictures_js, "text/javascript; charset=utf-8", to: router)
        add("style.css", PackageResources.style_css, "text/css; charset=utf-8", to: router)
        add("docs", PackageResources.docs_html, "text/html; charset=utf-8", to: router)
        add("docs.js", PackageResources.docs_js, "text/javascript; charset=utf-8", to: router)
        add("openapi.json", PackageResources.openapi_json, "application/json", to: router)
    }

    private func add(_ path: RouterPath, _ bytes: [UInt8], _ type: String, to router: Router<AppContext>) {
        let body = ByteBuffer(bytes: bytes)
        router.get(path) { _, _ in bytesResponse(body, type, headers: [.cacheControl: "no-cache"]) }
    }
}
