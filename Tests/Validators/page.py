"""Drives the server's page in headless Chromium, as a planner would; ends with 0 when everything held.

    python page.py http://127.0.0.1:8000 FOLDER_FOR_SCREENSHOTS [API_KEY]
"""
import os
import sys
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

base, folder = sys.argv[1], sys.argv[2]
key = sys.argv[3] if len(sys.argv) > 3 else ""
os.makedirs(folder, exist_ok=True)


def browser(dark, width):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     f"--window-size={width},1000", f"--user-data-dir={tempfile.mkdtemp(dir=folder)}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(20)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                           {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False})
    return driver


def shot(driver, name):
    size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    import base64
    data = driver.execute_cdp_cmd("Page.captureScreenshot", {
        "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}})
    with open(f"{folder}/{name}.png", "wb") as file:
        file.write(base64.b64decode(data["data"]))


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def press(driver, element):
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def until(driver, what, condition, seconds=30):
    WebDriverWait(driver, seconds, 0.05, ignored_exceptions=[StaleElementReferenceException]).until(lambda _: condition(), what)


def text(driver, selector):
    return driver.find_element(By.CSS_SELECTOR, selector).text


def set_value(driver, element, value):
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()
    element.send_keys(Keys.CONTROL, "a")
    element.send_keys(value)


def contrast(driver):
    """The lowest contrast of any text with what is behind it (WCAG 2.2, 1.4.3: 4.5 at least)."""
    return driver.execute_script("""
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const rgb = color => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
      const light = c => { const l = [...c].slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; };
      let worst = { ratio: 99 };
      for (const node of document.querySelectorAll("body *")) {
        if (!node.checkVisibility() || ![...node.childNodes].some(c => c.nodeType === 3 && c.data.trim())) continue;
        if (node.disabled || node.closest(".skip")) continue;
        let behind = node; while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
        const style = getComputedStyle(node);
        const a = light(rgb(node instanceof SVGElement ? style.fill : style.color)), b = light(rgb(getComputedStyle(behind || document.body).backgroundColor));
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < worst.ratio) worst = { ratio, text: node.textContent.trim().slice(0, 40), tag: node.tagName };
      }
      return worst;""")


def nameless(driver):
    """Controls that a screen reader has no name for."""
    return driver.execute_script("""
      return [...document.querySelectorAll("input, select, button, a, [role=img]")].filter(node => node.checkVisibility()
        && !(node.labels && node.labels.length) && !node.getAttribute("aria-label") && !node.getAttribute("aria-labelledby")
        && !node.textContent.trim()).map(node => node.outerHTML.slice(0, 120));""")


def wide(driver):
    return driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")


def open_page(driver):
    driver.get(base + "/")
    if key:
        field = driver.find_element(By.ID, "api-key")
        field.send_keys(key, Keys.TAB)
        driver.refresh()
    until(driver, "presets", lambda: len(driver.find_elements(By.CSS_SELECTOR, "#preset option")) > 2)


def build(driver):
    """Builds a scenario, with mistakes that the page must find."""
    Select(driver.find_element(By.ID, "preset")).select_by_value("nato_article_5")
    until(driver, "fronts of the preset", lambda: len(driver.find_elements(By.CSS_SELECTOR, ".front")) >= 2)
    check("✓" in text(driver, "#mix-sum") and "✓" in text(driver, "#front-sum"), "the preset's sums fit")
    set_value(driver, driver.find_element(By.ID, "total"), "400")
    mix = driver.find_element(By.CSS_SELECTOR, "#mix input")
    before = mix.get_attribute("value")
    set_value(driver, mix, "99")
    check("must be 100" in text(driver, "#mix-sum"), "a wrong sum is told while typing")
    press(driver, driver.find_element(By.CSS_SELECTOR, "button.primary"))
    check(text(driver, "#problem") != "", "a wrong sum starts nothing")
    set_value(driver, mix, before)
    share = driver.find_element(By.CSS_SELECTOR, ".nation input")
    old = share.get_attribute("value")
    set_value(driver, share, "1")
    check("must be 100" in text(driver, ".front .sum"), "a front's wrong sum is told while typing")
    set_value(driver, share, old)
    box = driver.find_element(By.CSS_SELECTOR, "#events input[name=mass_casualty]")
    if not box.is_selected():
        press(driver, box)
    press(driver, driver.find_element(By.CSS_SELECTOR, "#formats input[name=csv]"))
    set_value(driver, driver.find_element(By.ID, "seed"), "7")


def run(driver, name):
    build(driver)
    shot(driver, f"{name}-build")
    press(driver, driver.find_element(By.CSS_SELECTOR, "button.primary"))
    until(driver, "the job's row", lambda: driver.find_elements(By.CSS_SELECTOR, "#job-rows tr"))
    until(driver, "the job's end", lambda: "completed" in text(driver, "#job-rows tr"))
    until(driver, "downloads", lambda: len(driver.find_elements(By.CSS_SELECTOR, "#job-rows tr:first-child a")) == 3)
    row = driver.find_element(By.CSS_SELECTOR, "#job-rows tr")
    links = {link.text: link.get_attribute("href") for link in row.find_elements(By.TAG_NAME, "a")}
    check(set(links) == {"ndjson", "csv", "zip"}, f"downloads: {links}")
    look = row.find_element(By.XPATH, ".//button[text()='Look']")
    # By keyboard alone.
    look.send_keys(Keys.ENTER)
    until(driver, "patients", lambda: len(driver.find_elements(By.CSS_SELECTOR, "#patient-rows tr")) == 15)
    until(driver, "pictures", lambda: len(driver.find_elements(By.CSS_SELECTOR, "#statistics svg[role=img]")) >= 4)
    rows = driver.find_elements(By.CSS_SELECTOR, "#patient-rows tr")
    rows[3].send_keys(Keys.ENTER)
    check(rows[3].get_attribute("aria-selected") == "true", "a patient is chosen by keyboard")
    check(len(driver.find_elements(By.CSS_SELECTOR, "#timeline li")) >= 2, "a timeline with events")
    first = text(driver, "#patient-rows tr")
    driver.find_element(By.ID, "next").send_keys(Keys.ENTER)
    until(driver, "the next page", lambda: text(driver, "#patient-rows tr") != first)
    until(driver, "charts", lambda: len(driver.find_elements(By.CSS_SELECTOR, "#charts svg")) == 6)
    check(len(driver.find_elements(By.CSS_SELECTOR, "#alerts > *")) >= 1, "alerts")
    time.sleep(4.5)  # Two samples of the dashboard, so that there is a line to see.
    shot(driver, f"{name}-whole")


def cancel_and_retry(driver):
    set_value(driver, driver.find_element(By.ID, "total"), "900000")
    press(driver, driver.find_element(By.CSS_SELECTOR, "button.primary"))
    for label in ["Cancel", "Retry", "Cancel"]:
        # A row may be renewed between finding its button and pressing it.
        until(driver, f"the button {label}", lambda: press(
            driver, driver.find_element(By.XPATH, f"//button[text()='{label}']")) is None)
    until(driver, "cancelled again", lambda: driver.find_elements(By.XPATH, "//button[text()='Retry']"))


for name, dark, width in [("light-wide", False, 1280), ("dark-narrow", True, 390)]:
    driver = browser(dark, width)
    try:
        open_page(driver)
        run(driver, name)
        check(wide(driver) <= 0, f"{name}: the page is {wide(driver)} pixels too wide")
        worst = contrast(driver)
        check(worst["ratio"] >= 4.5, f"{name}: contrast {worst}")
        check(nameless(driver) == [], f"{name}: without a name: {nameless(driver)}")
        if not dark:
            cancel_and_retry(driver)
            driver.get(base + "/docs")
            until(driver, "the description", lambda: len(driver.find_elements(By.CSS_SELECTOR, "main section")) > 20)
            shot(driver, "docs")
        errors = [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        check(errors == [], f"{name}: {errors}")
    finally:
        driver.quit()
print("the page holds")
